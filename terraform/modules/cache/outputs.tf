output "url" {
  description = "REDIS_URL of the processes."
  value       = "rediss://${aws_elasticache_replication_group.this.primary_endpoint_address}:6379/0?ssl_cert_reqs=required"
}
