region = "ap-east-1"
domain = "malls.example"
zones  = ["ap-east-1a", "ap-east-1b", "ap-east-1c"]
image  = "123456789012.dkr.ecr.ap-east-1.amazonaws.com/mallwright@sha256:0000000000000000000000000000000000000000000000000000000000000000"
cells = {
  c1 = { size = "large", web = 4, workers = 3 }
  c2 = { size = "medium" }
  c3 = { size = "small", dedicated = true, web = 1, workers = 1 } # one vendor's own server
}
