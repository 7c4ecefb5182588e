region = "ap-east-1"
domain = "staging.malls.example"
zones  = ["ap-east-1a", "ap-east-1b"]
image  = "123456789012.dkr.ecr.ap-east-1.amazonaws.com/mallwright@sha256:0000000000000000000000000000000000000000000000000000000000000000"
cells  = { c1 = { size = "small", web = 1, workers = 1 } }
