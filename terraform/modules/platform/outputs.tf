output "cells" {
  description = "What the operators' console needs to register each cell: its id, ceiling, host, listener; and its database."
  value = {
    for id, cell in module.layout.cells : id => {
      ceiling   = cell.ceiling
      dedicated = cell.dedicated
      origin    = "https://${cell.host}"
      edge      = module.cell[id].edge
      database  = module.cell[id].database
      migration = module.cell[id].migration_task_arn
    }
  }
}

output "control" {
  description = "Control's database and the task definition of its migrations."
  value       = { database = module.control.database, migration = module.control.migration_task_arn }
}
