variable "name" {
  description = "Name of the service behind it."
  type        = string
}

variable "vpc_id" {
  description = "The network."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the public kind."
  type        = list(string)
}

variable "security_group_id" {
  description = "Security group of the edge kind."
  type        = string
}

variable "certificate_arn" {
  description = "Certificate of the platform's own names."
  type        = string
}

variable "hosted_zone_id" {
  description = "DNS zone of the platform's domain."
  type        = string
}

variable "hosts" {
  description = "Names that point here."
  type        = list(string)
}

variable "is_production" {
  description = "Not deleted by mistake."
  type        = bool
}
