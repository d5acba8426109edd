# Ripley's K by spatstat: reads points, distances and rings of a folder; prints the median CPU seconds.
suppressMessages(library(spatstat))
folder <- commandArgs(TRUE)[1]; correction <- commandArgs(TRUE)[2]; repeats <- as.integer(commandArgs(TRUE)[3])
xy <- as.matrix(read.csv(file.path(folder, "points.csv")))
r <- scan(file.path(folder, "r.txt"), quiet = TRUE)
rings <- lapply(list.files(folder, "^ring.*csv$", full.names = TRUE), function(f) as.list(read.csv(f)))
W <- owin(poly = rings)
X <- ppp(xy[, 1], xy[, 2], window = W, check = FALSE)
Kest(X[1:50], r = r, correction = correction)
times <- numeric(repeats)
for (k in seq_len(repeats)) {
  before <- proc.time()
  K <- Kest(X, r = r, correction = correction, nlarge = Inf)
  spent <- proc.time() - before
  times[k] <- spent[["user.self"]] + spent[["sys.self"]]
}
write.table(as.data.frame(K)[[3]], file.path(folder, "k.txt"), row.names = FALSE, col.names = FALSE)
cat(median(times), "\n")
