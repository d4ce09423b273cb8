"""Real Fabric in containers of the official images, through the Docker Engine API."""
