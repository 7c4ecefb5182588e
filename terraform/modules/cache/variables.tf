variable "name" {
  description = "Name of the cache."
  type        = string
}

variable "node_type" {
  description = "Class of its nodes."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the data kind."
  type        = list(string)
}

variable "security_group_id" {
  description = "Security group of the data kind: only our processes reach it."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of everything at rest."
  type        = string
}

variable "is_production" {
  description = "A second node that takes over."
  type        = bool
}
