/** The port on which the API's container serves HTTP: behind the load balancer, and to its own health check. */
export const API_PORT = 8080;

/** The port of the worker's health check and metrics. Nothing outside its task can reach it. */
export const WORKER_PORT = 9090;
