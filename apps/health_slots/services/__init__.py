"""What people do with slots, by theme; `apps.health_slots.service` puts the themes together."""
