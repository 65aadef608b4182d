'use strict';
// Preload for Node clients that know only https://api.pagerduty.com: their TLS connections to *.pagerduty.com end at the
// sandbox's TLS port on loopback (the certificate is still checked, for the name they asked for), and no other
// connection leaves the machine.
//
//   SANDBOX_TLS_PORT=4443 NODE_EXTRA_CA_CERTS=ca.pem NODE_OPTIONS="--require ./loopback.cjs" pd schedule list
const net = require('net');
const tls = require('tls');

const port = Number(process.env.SANDBOX_TLS_PORT);
const ours = (host) => /(^|\.)pagerduty\.com$/.test(host || '');
const local = (host) => ['127.0.0.1', '::1', 'localhost'].includes(host);

const connect = tls.connect;
tls.connect = function (...given) {
  const options = given.find((one) => one && typeof one === 'object');
  const name = options && (options.servername || options.hostname || options.host);
  if (!ours(name)) return connect.apply(this, given);
  return connect.call(this, { ...options, host: '127.0.0.1', hostname: '127.0.0.1', port, servername: name });
};

const dial = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...given) {
  const options = Array.isArray(given[0]) ? given[0][0] : given[0];
  const host = options && typeof options === 'object' ? options.host : given[1];
  const path = options && typeof options === 'object' ? options.path : undefined;
  if (!path && host && !local(host)) throw new Error(`off the machine: ${host}`);
  return dial.apply(this, given);
};
