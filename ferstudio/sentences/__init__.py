"""Every sentence that is made of results."""
