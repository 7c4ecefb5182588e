variable "name" {
  description = "Short name of the product; begins every resource's name."
  type        = string
  default     = "mallwright"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{2,10}$", var.name))
    error_message = "name: 3 to 11 lower-case letters and digits, a letter first."
  }
}

variable "environment" {
  description = "staging or production."
  type        = string

  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "environment: staging or production."
  }
}

variable "domain" {
  description = "The platform's own domain. Malls live at <subdomain>.<domain>, cells at <id>.cells.<domain>."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "domain: a lower-case host name of at least two labels."
  }
}

variable "vpc_cidr" {
  description = "Address range of the network: a /16."
  type        = string
  default     = "10.40.0.0/16"

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && endswith(var.vpc_cidr, "/16")
    error_message = "vpc_cidr: an IPv4 range with /16."
  }
}

variable "zones" {
  description = "Availability zones, two or three."
  type        = list(string)

  validation {
    condition     = length(var.zones) >= 2 && length(var.zones) <= 3 && length(distinct(var.zones)) == length(var.zones)
    error_message = "zones: two or three different ones."
  }
}

variable "cells" {
  description = "Cells by id. A dedicated cell holds one mall; any other takes new malls up to its ceiling."
  type = map(object({
    size      = optional(string, "medium")
    dedicated = optional(bool, false)
    ceiling   = optional(number, 300)
    web       = optional(number, 2)
    workers   = optional(number, 2)
  }))

  validation {
    condition     = length(var.cells) > 0
    error_message = "cells: at least one."
  }
  validation {
    condition     = alltrue([for id in keys(var.cells) : can(regex("^c[0-9]{1,4}$", id))])
    error_message = "cells: an id is c and a number, such as c1."
  }
  validation {
    condition     = alltrue([for cell in values(var.cells) : contains(["small", "medium", "large"], cell.size)])
    error_message = "cells: size is small, medium or large."
  }
  validation {
    condition     = alltrue([for cell in values(var.cells) : cell.ceiling >= 1 && cell.ceiling <= 500])
    error_message = "cells: ceiling is 1 to 500 malls; a database with more is slow in every process."
  }
  validation {
    condition     = alltrue([for cell in values(var.cells) : cell.web >= 1 && cell.workers >= 1])
    error_message = "cells: web and workers are at least 1."
  }
}
