# For whom a certificate has to be.
principals={{principals}}

# A line of the certificate, as ssh-keygen prints it.
certified() {
  sed -n "s/^ *$1: *//p" "$work/certificate" | head -n 1
}

# What is wrong with the certificate, once the bastion has let nobody in.
check_certificate() {
  if [ ! -e "./$key_file-cert.pub" ]; then
    case $fingerprints in *" $fingerprint "*) return ;; esac
    found certificate-missing "there is no file $PWD/$key_file-cert.pub; the key is $fingerprint"
  fi
  TZ=UTC ssh-keygen -L -f "./$key_file-cert.pub" >"$work/certificate" 2>"$work/said" ||
    found certificate-damaged "$(tail -n 1 "$work/said")"
  case $(certified Type) in
  *' user certificate') ;;
  *) found certificate-damaged "its type is $(certified Type)" ;;
  esac
  case $(certified 'Public key') in
  *" $fingerprint") ;;
  *) found certificate-wrong-key "the certificate is of $(certified 'Public key'); the key is $fingerprint" ;;
  esac
  authority=$(certified 'Signing CA' | cut -d ' ' -f 2)
  case $authorities in
  *" $authority "*) ;;
  *) found certificate-wrong-authority "the certificate is signed by $authority; the bastion takes those of$authorities" ;;
  esac
  check_principals
  check_validity
}

check_principals() {
  sed -n '/^ *Principals:/,/^ *Critical Options:/p' "$work/certificate" | sed '1d;$d;s/^ *//' >"$work/principals"
  awk -v wanted="$principals" 'index(wanted, " " $0 " ") { found = 1 } END { exit !found }' "$work/principals" && return
  named=$(tr '\n' ' ' <"$work/principals")
  found certificate-wrong-principal "the certificate is for ${named:-nobody }and has to be for$principals"
}

# Two clocks are to be seen: this machine's, and in the certificate that of the machine which signed it. Both in UTC.
check_validity() {
  valid=$(certified Valid)
  clock=$(date -u +%Y-%m-%dT%H:%M:%S)
  clocks="the certificate is valid $valid; this machine's clock says $clock"
  case $(awk -v clock="$clock" -v valid="$valid" 'BEGIN {
    count = split(valid, words, " ")
    for (i = 1; i < count; i++) {
      if ((words[i] == "from" || words[i] == "after") && clock < words[i + 1]) print "early"
      if ((words[i] == "to" || words[i] == "before") && clock >= words[i + 1]) print "late"
    }
  }') in
  early) found certificate-not-yet-valid "$clocks" ;;
  late) found certificate-expired "$clocks" ;;
  *) found certificate-refused "$clocks; serial $(certified Serial), key id $(certified 'Key ID')" ;;
  esac
}

# sshd also lets in whoever has a certificate that allows nothing.
check_extensions() {
  # OpenSSH before 7.8 names the algorithm, later ones the kind of key.
  grep -q -e '^debug1: Server accepts key: pkalg [^ ]*-cert-' -e '^debug1: Server accepts key: .*-CERT SHA256:' "$work/log" || return
  ssh-keygen -L -f "./$key_file-cert.pub" 2>/dev/null | grep -q '^ *permit-port-forwarding$' ||
    found certificate-no-forwarding "the certificate $PWD/$key_file-cert.pub lacks permit-port-forwarding"
}

