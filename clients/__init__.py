"""What talks to a hub from outside: the Python client, the JavaScript client (`js/`) and the simulated city."""
