variable "name" {
  description = "Name of the server."
  type        = string
}

variable "database" {
  description = "Name of the database in it."
  type        = string
}

variable "size" {
  description = "Class and storage (GB)."
  type        = object({ database = string, storage_gb = number, cache = string, cpu = number, memory = number })
}

variable "subnet_ids" {
  description = "Subnets of the data kind."
  type        = list(string)
}

variable "security_group_id" {
  description = "Security group of the data kind."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of everything at rest."
  type        = string
}

variable "is_production" {
  description = "A standby, long backups, protection from deletion."
  type        = bool
}
