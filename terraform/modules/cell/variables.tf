variable "layout" {
  description = "Name, database and size, from the layout."
  type        = any
}

variable "common" {
  description = "What every cell and control have in common: image, environment, roles, cluster, network, key, certificate, zone."
  type = object({
    image           = string
    environment     = map(string)
    secret_key_arn  = string
    roles           = object({ execution = string, control = string, cell = string })
    cluster_arn     = string
    cluster_name    = string
    vpc_id          = string
    subnets         = object({ public = list(string), app = list(string), data = list(string) })
    security_groups = object({ edge = string, app = string, data = string })
    kms_key_arn     = string
    certificate_arn = string
    hosted_zone_id  = string
    is_production   = bool
  })
}

variable "control_app_url_arn" {
  description = "Secret with control's URL: the relay alone reads it."
  type        = string
}
