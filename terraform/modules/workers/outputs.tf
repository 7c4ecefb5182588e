output "task_definition_arn" {
  description = "The worker's task definition: migrations are run with it, as a task of their own."
  value       = module.process["worker"].task_definition_arn
}
