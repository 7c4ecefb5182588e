variable "name" {
  description = "Name of the service, of its log and of its task definition."
  type        = string
}

variable "command" {
  description = "What the container runs."
  type        = list(string)
}

variable "processes" {
  description = "How many run side by side."
  type        = number
}

variable "is_single" {
  description = "Never two of it, not even while a new version comes up: beat."
  type        = bool
  default     = false
}

variable "cpu" {
  description = "CPU units, 1024 a core."
  type        = number
}

variable "memory" {
  description = "Memory, MB."
  type        = number
}

variable "image" {
  description = "The container image, by digest."
  type        = string
}

variable "environment" {
  description = "Variables of the process, as docs/operators/settings.md lists them."
  type        = map(string)
}

variable "secrets" {
  description = "Variables whose value is the content of a secret: ARN by name."
  type        = map(string)
}

variable "roles" {
  description = "ARNs of the roles: execution (starts the container), task (the process itself)."
  type        = object({ execution = string, task = string })
}

variable "cluster_arn" {
  description = "Cluster of containers."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the app kind."
  type        = list(string)
}

variable "security_group_id" {
  description = "Security group of the app kind."
  type        = string
}

variable "target_group_arn" {
  description = "Target group of a balancer, for what answers HTTP."
  type        = string
  default     = null
}
