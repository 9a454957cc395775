"""What a visitor takes from the page: pictures, numbers, reports and links."""
