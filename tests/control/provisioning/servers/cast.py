"""What tests of servers share: a module of the built-in provider in place of the real ones."""

import datetime as dt
import json

from provisioning.infrastructure import runner

NOW = dt.datetime(2026, 11, 22, 2, 0, tzinfo=dt.UTC)
VARIABLES = {
    "region": "ap-east-1",
    "domain": "malls.example",
    "zones": ["a", "b"],
    "image": "x@sha256:0",
    "cells": {"c1": {}, "c2": {}},
}
MODULE = """
variable "cells" { type = any }
variable "region" { type = string }
variable "domain" { type = string }
variable "zones" { type = any }
variable "image" { type = string }

resource "terraform_data" "cell" {
  for_each = var.cells
  input    = each.key
}

resource "terraform_data" "after" {
  input = [for one in terraform_data.cell : one.output]

  provisioner "local-exec" {
    command = "test ! -e ${path.module}/broken"
  }
}
"""


def work(place, name="staging"):
    return runner.work(environment=name, modules=place / "modules", home=place / "home")


def resources(place, name="staging"):
    state = json.loads((place / "modules" / name / "terraform.tfstate").read_text())
    return sorted(f"{r['name']}.{i.get('index_key', '')}" for r in state["resources"] for i in r["instances"])
