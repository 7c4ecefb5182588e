output "prefix" {
  description = "Begins every resource's name."
  value       = local.prefix
}

output "control" {
  description = "Control's names and size."
  value = {
    name     = "${local.prefix}-control"
    database = "control"
    size     = local.sizes[var.environment == "production" ? "medium" : "small"]
  }
}

output "cells" {
  description = "Each cell's names, size and number of processes."
  value       = local.cells
}

output "subnets" {
  description = "Address ranges by use, one a zone."
  value       = { app = local.app_cidrs, public = local.public_cidrs, data = local.data_cidrs }
}

output "buckets" {
  description = "Names of the buckets: malls' media, and exports and backups of malls."
  value       = { media = "${local.prefix}-media", archive = "${local.prefix}-archive" }
}

output "is_production" {
  description = "Whether what is lost here would be missed: standby databases, long backups, protection from deletion."
  value       = var.environment == "production"
}
