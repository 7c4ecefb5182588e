# One cell: a database of malls, its cache, its processes, its balancer. A dedicated server is a cell with one mall.

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
  hosts             = [var.layout.host]
  is_production     = var.common.is_production
}

module "web" {
  source = "../web"

  service          = local.service
  role             = "cell"
  processes        = var.layout.web
  secrets          = local.secrets
  target_group_arn = module.edge.target_group_arn
}

module "workers" {
  source = "../workers"

  service        = local.service
  role           = "cell"
  processes      = var.layout.workers
  secrets        = local.secrets
  worker_secrets = { DATABASE_OWNER_URL = module.database.url_secret_arns["owner-url"] }
  relay_secrets  = merge(local.secrets, { CONTROL_DATABASE_URL = var.control_app_url_arn })
}

locals {
  service = {
    name  = var.layout.name
    image = var.common.image
    size  = var.layout.size
    environment = merge(var.common.environment, {
      CELL                 = var.layout.id
      REDIS_URL            = module.cache.url
      CELL_INTERNAL_ORIGIN = "https://${var.layout.host}"
    })
    roles             = { execution = var.common.roles.execution, task = var.common.roles.cell }
    cluster_arn       = var.common.cluster_arn
    cluster_name      = var.common.cluster_name
    subnet_ids        = var.common.subnets.app
    security_group_id = var.common.security_groups.app
  }
  secrets = {
    SECRET_KEY   = var.common.secret_key_arn
    DATABASE_URL = module.database.url_secret_arns["app-url"]
  }
}
