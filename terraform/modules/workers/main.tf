# What works behind the pages: workers, beat (one), and for a cell the deliverers of its events and the relay. Only a cell's worker and the migrations
# know the owner's URL: the worker makes the schemas of malls.

module "process" {
  source   = "../process"
  for_each = local.processes

  name              = "${var.service.name}-${each.key}"
  processes         = each.value.processes
  is_single         = each.value.is_single
  cpu               = each.key == "worker" ? var.service.size.cpu : 256
  memory            = each.key == "worker" ? var.service.size.memory : 1024
  image             = var.service.image
  environment       = merge(var.service.environment, { ROLE = each.value.role })
  secrets           = each.value.secrets
  roles             = var.service.roles
  cluster_arn       = var.service.cluster_arn
  subnet_ids        = var.service.subnet_ids
  security_group_id = var.service.security_group_id
  command           = each.value.command
}

locals {
  celery = ["python", "-m", "celery", "-A", "saas.config.celery"]
  common = {
    worker = {
      role      = var.role
      processes = var.processes
      is_single = false
      secrets   = merge(var.secrets, var.worker_secrets)
      command = concat(local.celery, [
        "worker", "--pool", "prefork", "--concurrency", tostring(max(1, floor(var.service.size.cpu / 512))),
        "--without-gossip", "--without-mingle", "--loglevel", "INFO",
      ])
    }
    beat = {
      role      = var.role
      processes = 1
      is_single = true
      secrets   = var.secrets
      command   = concat(local.celery, ["beat", "--pidfile", "", "--schedule", "/tmp/beat", "--loglevel", "WARNING"])
    }
  }
  deliverer = {
    deliverer = {
      role      = "cell"
      processes = var.processes
      is_single = false # whoever is free takes the next event
      secrets   = var.secrets
      command   = ["python", "-m", "saas.config.deliverer"]
    }
  }
  relay = {
    relay = {
      role      = "relay"
      processes = 1
      is_single = false # two take turns by a lock
      secrets   = var.relay_secrets
      command   = ["python", "-m", "saas.messaging.relay"]
    }
  }
  processes = merge(local.common, var.role == "cell" ? local.deliverer : {}, length(var.relay_secrets) > 0 ? local.relay : {})
}
