variable "service" {
  description = "What all processes of control or of one cell have in common."
  type = object({
    name              = string
    image             = string
    size              = object({ database = string, storage_gb = number, cache = string, cpu = number, memory = number })
    environment       = map(string)
    roles             = object({ execution = string, task = string })
    cluster_arn       = string
    cluster_name      = string
    subnet_ids        = list(string)
    security_group_id = string
  })
}

variable "role" {
  description = "control or cell."
  type        = string
}

variable "processes" {
  description = "How many run at least; four times as many at most."
  type        = number
}

variable "secrets" {
  description = "Variables whose value is the content of a secret: ARN by name."
  type        = map(string)
}

variable "target_group_arn" {
  description = "Target group of the balancer."
  type        = string
}
