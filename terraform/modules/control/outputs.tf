output "app_url_arn" {
  description = "Secret with control's URL, for the relays."
  value       = module.database.url_secret_arns["app-url"]
}

output "database" {
  description = "Host of the database and the secret of its master."
  value       = { address = module.database.address, master_secret_arn = module.database.master_secret_arn }
}

output "migration_task_arn" {
  description = "Task definition with which migrations are run."
  value       = module.workers.task_definition_arn
}
