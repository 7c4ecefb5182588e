output "service_name" {
  description = "Name of the service."
  value       = module.process.service_name
}
