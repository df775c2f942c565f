"""What tests share: real servers, and processes of our own."""
