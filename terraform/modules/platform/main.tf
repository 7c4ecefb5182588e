# A whole installation: one network, control, and a cell for each entry of `cells`. Environments call it.

module "layout" {
  source = "../layout"

  name        = var.name
  environment = var.environment
  domain      = var.domain
  vpc_cidr    = var.vpc_cidr
  zones       = var.zones
  cells       = var.cells
}

module "network" {
  source = "../network"

  prefix            = module.layout.prefix
  vpc_cidr          = var.vpc_cidr
  zones             = var.zones
  subnets           = module.layout.subnets
  nat_in_every_zone = module.layout.is_production
}

module "storage" {
  source = "../storage"

  prefix        = module.layout.prefix
  buckets       = module.layout.buckets
  is_production = module.layout.is_production
}

module "control" {
  source = "../control"

  layout = module.layout.control
  common = local.common
  domain = var.domain
}

module "cell" {
  source   = "../cell"
  for_each = module.layout.cells

  layout              = each.value
  common              = local.common
  control_app_url_arn = module.control.app_url_arn
}

resource "aws_ecs_cluster" "this" {
  name = module.layout.prefix

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_secretsmanager_secret" "secret_key" {
  name                    = "${module.layout.prefix}/secret-key"
  description             = "SECRET_KEY: signs sessions and tokens"
  kms_key_id              = module.storage.kms_key_arn
  recovery_window_in_days = 30
}

data "aws_route53_zone" "this" {
  name = var.domain
}

resource "aws_acm_certificate" "this" {
  domain_name               = var.domain
  subject_alternative_names = ["*.${var.domain}", "*.cells.${var.domain}"]
  validation_method         = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "validation" {
  for_each = {
    for option in aws_acm_certificate.this.domain_validation_options : option.resource_record_name => option...
  }
  zone_id         = data.aws_route53_zone.this.zone_id
  name            = each.key
  type            = each.value[0].resource_record_type
  records         = [each.value[0].resource_record_value]
  ttl             = 300
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "this" {
  certificate_arn         = aws_acm_certificate.this.arn
  validation_record_fqdns = [for record in aws_route53_record.validation : record.fqdn]
}

locals {
  common = {
    image           = var.image
    secret_key_arn  = aws_secretsmanager_secret.secret_key.arn
    roles           = { for use, role in aws_iam_role.this : use => role.arn }
    cluster_arn     = aws_ecs_cluster.this.arn
    cluster_name    = aws_ecs_cluster.this.name
    vpc_id          = module.network.vpc_id
    subnets         = module.network.subnets
    security_groups = module.network.security_groups
    kms_key_arn     = module.storage.kms_key_arn
    certificate_arn = aws_acm_certificate_validation.this.certificate_arn
    hosted_zone_id  = data.aws_route53_zone.this.zone_id
    is_production   = module.layout.is_production
    environment = merge({
      DJANGO_SETTINGS_MODULE = "saas.config.settings.prod"
      PLATFORM_DOMAIN        = var.domain
      CONTROL_ORIGIN         = "https://${var.domain}"
      MALL_SCHEME            = "https"
      MALL_PORT              = ""
      TRUSTED_PROXY_COUNT    = "1"
      KEY_PROVIDER           = "kms"
      KMS_KEY_ID             = module.storage.kms_key_arn
      MEDIA_BUCKET           = module.storage.bucket_names["media"]
    }, var.extra_environment)
  }
}
