"""Identity, revisions and stories: is this article new, an edit of a known one, or a copy of somebody's story?"""
