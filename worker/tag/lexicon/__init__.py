"""Word tables: reporting verbs, roles, states, acts. Data, with no logic beyond building forms."""
