variable "name" {
  description = "Short name of the product; begins every resource's name."
  type        = string
  default     = "mallwright"
}

variable "environment" {
  description = "staging or production."
  type        = string
}

variable "domain" {
  description = "The platform's own domain, a hosted zone of the account."
  type        = string
}

variable "vpc_cidr" {
  description = "Address range of the network: a /16."
  type        = string
  default     = "10.40.0.0/16"
}

variable "zones" {
  description = "Availability zones, two or three."
  type        = list(string)
}

variable "cells" {
  description = "Cells by id; see the layout for their fields."
  type        = any
}

variable "image" {
  description = "The container image, by digest."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image: name a digest (…@sha256:…), not a tag: a tag can change under a running platform."
  }
}

variable "extra_environment" {
  description = "Further variables of every process, as docs/operators/settings.md lists them. No secrets."
  type        = map(string)
  default     = {}
}
