"""A topology written down for others to run: Docker Compose and Kubernetes."""
