# Names, address ranges and sizes of an installation, worked out from a few variables. No provider: `terraform test`
# runs it without a network.

terraform {
  required_version = ">= 1.11"
}

locals {
  prefix = "${var.name}-${var.environment}"

  sizes = {
    small  = { database = "db.t4g.medium", storage_gb = 50, cache = "cache.t4g.small", cpu = 512, memory = 2048 }
    medium = { database = "db.m7g.large", storage_gb = 200, cache = "cache.m7g.large", cpu = 1024, memory = 4096 }
    large  = { database = "db.m7g.2xlarge", storage_gb = 500, cache = "cache.m7g.xlarge", cpu = 2048, memory = 8192 }
  }

  # Three ranges a zone. A /16 leaves room: /20 for processes, /24 for balancers, /24 for databases.
  app_cidrs    = [for i in range(length(var.zones)) : cidrsubnet(var.vpc_cidr, 4, i)]
  public_cidrs = [for i in range(length(var.zones)) : cidrsubnet(var.vpc_cidr, 8, 192 + i)]
  data_cidrs   = [for i in range(length(var.zones)) : cidrsubnet(var.vpc_cidr, 8, 224 + i)]

  cells = {
    for id, cell in var.cells : id => {
      id        = id
      name      = "${local.prefix}-${id}"
      database  = "cell_${id}"
      dedicated = cell.dedicated
      ceiling   = cell.dedicated ? 1 : cell.ceiling
      host      = "${id}.cells.${var.domain}"
      size      = local.sizes[cell.size]
      web       = cell.web
      workers   = cell.workers
    }
  }
}
