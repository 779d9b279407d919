/*
 * Gives a process the network of a task of its own, as awsvpc does: loaded before the program (node --require), it
 * moves what the program listens on, and what it asks of its own 127.0.0.1, to the loopback address TASK_ADDRESS. So
 * two tasks on one machine both have their port 8080, and their environment stays the task definition's.
 */
const net = require('node:net');

const address = process.env.TASK_ADDRESS;
const ownPorts = new Set((process.env.TASK_PORTS ?? '').split(',').map(Number));

const { listen } = net.Server.prototype;
net.Server.prototype.listen = function listenOnTaskAddress(first, ...rest) {
  if (typeof first === 'number') return listen.call(this, { port: first, host: address }, ...rest);
  if (typeof first === 'object' && first !== null && 'port' in first) {
    return listen.call(this, { ...first, host: address }, ...rest);
  }
  return listen.call(this, first, ...rest);
};

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function connectWithinTask(...args) {
  // Node.js hands over [options, callback] as one array when it has normalized them already.
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  const isOwn = ['127.0.0.1', 'localhost'].includes(options?.host) && ownPorts.has(Number(options?.port));
  if (isOwn) {
    options.host = address;
    if ('servername' in options) delete options.servername;
  }
  return connect.apply(this, args);
};
