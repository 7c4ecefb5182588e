variable "prefix" {
  description = "Begins every resource's name."
  type        = string
}

variable "vpc_cidr" {
  description = "Address range of the network."
  type        = string
}

variable "zones" {
  description = "Availability zones."
  type        = list(string)
}

variable "subnets" {
  description = "Address ranges by use, one a zone, in the order of the zones."
  type        = object({ app = list(string), public = list(string), data = list(string) })
}

variable "nat_in_every_zone" {
  description = "One way out a zone, so that the loss of a zone costs no other its way to the payment channels."
  type        = bool
}
