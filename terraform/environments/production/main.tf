# The production installation. What differs between environments is in the variables' file.

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }

  # terraform init -backend-config=bucket=… -backend-config=region=…
  backend "s3" {
    key          = "mallwright/production.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { product = "mallwright", environment = "production" }
  }
}

module "platform" {
  source = "../../modules/platform"

  environment       = "production"
  domain            = var.domain
  vpc_cidr          = var.vpc_cidr
  zones             = var.zones
  cells             = var.cells
  image             = var.image
  extra_environment = var.extra_environment
}

output "cells" {
  description = "The cells, to be registered in the console."
  value       = module.platform.cells
}

output "control" {
  description = "Control's database and migrations."
  value       = module.platform.control
}
