// A room without sources yet still links.
