"""Files of people on their way in: kept, read, checked and brought in behind the pages, and the list of all of them."""
