# Control: vendors, plans, invoices, provisioning, operators. Shoppers never wait for it.

module "database" {
  source = "../postgres"

  name              = var.layout.name
  database          = var.layout.database
  size              = var.layout.size
  subnet_ids        = var.common.subnets.data
  security_group_id = var.common.security_groups.data
  kms_key_arn       = var.common.kms_key_arn
  is_production     = var.common.is_production
}

module "cache" {
  source = "../cache"

  name              = var.layout.name
  node_type         = var.layout.size.cache
  subnet_ids        = var.common.subnets.data
  security_group_id = var.common.security_groups.data
  kms_key_arn       = var.common.kms_key_arn
  is_production     = var.common.is_production
}

module "edge" {
  source = "../edge"

  name              = var.layout.name
  vpc_id            = var.common.vpc_id
  subnet_ids        = var.common.subnets.public
  security_group_id = var.common.security_groups.edge
  certificate_arn   = var.common.certificate_arn
  hosted_zone_id    = var.common.hosted_zone_id
  hosts             = [var.domain, "www.${var.domain}"]
  is_production     = var.common.is_production
}

module "web" {
  source = "../web"

  service          = local.service
  role             = "control"
  processes        = 2
  secrets          = local.secrets
  target_group_arn = module.edge.target_group_arn
}

module "workers" {
  source = "../workers"

  service   = local.service
  role      = "control"
  processes = 1
  secrets   = local.secrets
}

locals {
  service = {
    name              = var.layout.name
    image             = var.common.image
    size              = var.layout.size
    environment       = merge(var.common.environment, { REDIS_URL = module.cache.url })
    roles             = { execution = var.common.roles.execution, task = var.common.roles.control }
    cluster_arn       = var.common.cluster_arn
    cluster_name      = var.common.cluster_name
    subnet_ids        = var.common.subnets.app
    security_group_id = var.common.security_groups.app
  }
  secrets = {
    SECRET_KEY           = var.common.secret_key_arn
    CONTROL_DATABASE_URL = module.database.url_secret_arns["app-url"]
  }
}
