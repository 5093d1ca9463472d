/**
 * A certificate for 127.0.0.1 that nobody trusts, and its key. Both are public and for tests only.
 *
 *     openssl ecparam -name prime256v1 -genkey -noout -out key.pem
 *     openssl req -new -x509 -key key.pem -days 36500 -subj '/CN=trunkline loopback test' \
 *       -addext 'subjectAltName=IP:127.0.0.1,DNS:localhost'
 */

export const LOOPBACK_KEY = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIFpBqa9qHg5/Qve/xvzj53uGkz2LY/VKoqSAEj1Bzcc6oAoGCCqGSM49
AwEHoUQDQgAEIHlCh6TKGuapS6TfF3RbI6DCE7lo4LC01XxT5q2+W0nwcS1L0iZi
Ijt2j1Vr14YqcRXxf+Y7IBeYI5UGfEpfRA==
-----END EC PRIVATE KEY-----
`;

export const LOOPBACK_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBuDCCAV2gAwIBAgIUWOt8k8S5CsClnnzcrXghiGQfdHQwCgYIKoZIzj0EAwIw
IjEgMB4GA1UEAwwXdHJ1bmtsaW5lIGxvb3BiYWNrIHRlc3QwIBcNMjYxMTI0MjMw
NTI1WhgPMjEyNjEwMzEyMzA1MjVaMCIxIDAeBgNVBAMMF3RydW5rbGluZSBsb29w
YmFjayB0ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIHlCh6TKGuapS6Tf
F3RbI6DCE7lo4LC01XxT5q2+W0nwcS1L0iZiIjt2j1Vr14YqcRXxf+Y7IBeYI5UG
fEpfRKNvMG0wHQYDVR0OBBYEFEzcXjMCI1LAnYvexYKl49sb24aYMB8GA1UdIwQY
MBaAFEzcXjMCI1LAnYvexYKl49sb24aYMA8GA1UdEwEB/wQFMAMBAf8wGgYDVR0R
BBMwEYcEfwAAAYIJbG9jYWxob3N0MAoGCCqGSM49BAMCA0kAMEYCIQCbhiiBj/hC
iyq++mnK5Ahf8ZnEXDDVoUMKM/7GyEwBUQIhAMt9mzDfJlolnTrtYe/UqPJzZtNZ
TukBTbc5CsYi5oTw
-----END CERTIFICATE-----
`;
