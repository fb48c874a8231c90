"""From a raw page to an article: text, title, dates, authors, language, canonical URL, publisher. Pure."""
