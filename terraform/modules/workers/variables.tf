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
  description = "How many workers run."
  type        = number
}

variable "secrets" {
  description = "Secrets of worker and beat: ARN by variable."
  type        = map(string)
}

variable "worker_secrets" {
  description = "Secrets of the worker alone: the owner's URL in a cell."
  type        = map(string)
  default     = {}
}

variable "relay_secrets" {
  description = "Secrets of the relay, which alone knows both databases. Empty: no relay (control)."
  type        = map(string)
  default     = {}
}
