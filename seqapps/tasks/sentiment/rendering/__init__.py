"""Classified texts as tables, pages and charts."""
