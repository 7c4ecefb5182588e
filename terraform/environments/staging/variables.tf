variable "region" {
  description = "AWS region."
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
  description = "Cells by id."
  type        = any
}

variable "image" {
  description = "The container image, by digest."
  type        = string
}

variable "extra_environment" {
  description = "Further variables of every process. No secrets."
  type        = map(string)
  default     = {}
}
