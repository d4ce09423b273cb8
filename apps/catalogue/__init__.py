"""服务目录: what the platform's services promise and are measured against, and the seals of the audit logs."""
