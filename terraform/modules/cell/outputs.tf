output "database" {
  description = "Host of the database and the secret of its master."
  value       = { address = module.database.address, master_secret_arn = module.database.master_secret_arn }
}

output "edge" {
  description = "Where malls' names point, and the listener that takes their certificates."
  value       = { dns_name = module.edge.dns_name, listener_arn = module.edge.listener_arn, host = var.layout.host }
}

output "migration_task_arn" {
  description = "Task definition with which migrations are run."
  value       = module.workers.task_definition_arn
}
