variables {
  environment = "staging"
  domain      = "malls.example"
  zones       = ["a", "b", "c"]
  cells       = { c1 = {}, c7 = { dedicated = true, size = "small", ceiling = 300 } }
}

run "names" {
  command = plan

  assert {
    condition     = output.prefix == "mallwright-staging"
    error_message = "prefix is name and environment"
  }
  assert {
    condition     = output.cells["c1"].database == "cell_c1" && output.cells["c1"].host == "c1.cells.malls.example"
    error_message = "a cell's database and host follow from its id"
  }
  assert {
    condition     = alltrue([for cell in values(output.cells) : length(cell.name) <= 28])
    error_message = "a balancer's name has 32 characters at most, and four are ours"
  }
  assert {
    condition     = output.buckets.media == "mallwright-staging-media"
    error_message = "the bucket of the media is named by the environment"
  }
}

run "a_dedicated_cell_holds_one_mall" {
  command = plan

  assert {
    condition     = output.cells["c7"].ceiling == 1 && output.cells["c1"].ceiling == 300
    error_message = "dedicated: one mall, whatever ceiling was given"
  }
}

run "ranges_do_not_overlap" {
  command = plan

  assert {
    condition     = length(distinct(flatten(values(output.subnets)))) == 9
    error_message = "nine ranges, all different"
  }
  assert {
    condition     = output.subnets.app == ["10.40.0.0/20", "10.40.16.0/20", "10.40.32.0/20"]
    error_message = "processes: one /20 a zone from the start of the network"
  }
  assert {
    condition     = output.subnets.public[0] == "10.40.192.0/24" && output.subnets.data[2] == "10.40.226.0/24"
    error_message = "balancers from .192, databases from .224"
  }
}

run "staging_is_small" {
  command = plan

  assert {
    condition     = !output.is_production && output.control.size.database == "db.t4g.medium"
    error_message = "staging: small control, nothing protected"
  }
}

run "production_is_protected" {
  command = plan
  variables {
    environment = "production"
  }

  assert {
    condition     = output.is_production && output.control.size.database == "db.m7g.large"
    error_message = "production: a larger control, protected"
  }
}

run "an_unknown_environment_is_refused" {
  command = plan
  variables {
    environment = "test"
  }
  expect_failures = [var.environment]
}

run "a_range_that_is_no_16_is_refused" {
  command = plan
  variables {
    vpc_cidr = "10.0.0.0/24"
  }
  expect_failures = [var.vpc_cidr]
}

run "one_zone_is_refused" {
  command = plan
  variables {
    zones = ["a"]
  }
  expect_failures = [var.zones]
}

run "a_cell_with_another_name_is_refused" {
  command = plan
  variables {
    cells = { shanghai = {} }
  }
  expect_failures = [var.cells]
}

run "a_cell_of_unknown_size_is_refused" {
  command = plan
  variables {
    cells = { c1 = { size = "huge" } }
  }
  expect_failures = [var.cells]
}

run "a_cell_for_too_many_malls_is_refused" {
  command = plan
  variables {
    cells = { c1 = { ceiling = 501 } }
  }
  expect_failures = [var.cells]
}

run "no_cell_is_refused" {
  command = plan
  variables {
    cells = {}
  }
  expect_failures = [var.cells]
}

run "a_domain_with_capitals_is_refused" {
  command = plan
  variables {
    domain = "Malls.Example"
  }
  expect_failures = [var.domain]
}
