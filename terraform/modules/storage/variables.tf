variable "prefix" {
  description = "Begins every resource's name."
  type        = string
}

variable "buckets" {
  description = "Names of the buckets by use: media, archive."
  type        = object({ media = string, archive = string })
}

variable "is_production" {
  description = "Buckets with something in them are not deleted."
  type        = bool
}
