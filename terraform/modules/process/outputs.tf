output "service_name" {
  description = "Name of the service."
  value       = aws_ecs_service.this.name
}

output "task_definition_arn" {
  description = "Its task definition, with which a single command can be run by hand."
  value       = aws_ecs_task_definition.this.arn
}
