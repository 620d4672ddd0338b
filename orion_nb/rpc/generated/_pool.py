# Written by `python -m orion_tools.protos` from proto/orion/v1; do not edit.
"""The descriptors of all messages, in a pool of their own."""

from base64 import b85decode

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

DESCRIPTORS = b85decode(
    "3ZfMX6mN2AZ*DJkF)wssb8B-haB^>SZxRS^a%pdFE_N{@g#ii%RAFLlWpff33I}s^a%pa7a~J_211Jen2Xl0CX>M"
    "n85-bV`aBpmBV`*h`7y=*zC<`(WE^l&aZ*DGjF)mPVY-wY8QV4KwY-wX@WpffU3JPOyZE$aHWo~qH7y}>!C<`(ZE"
    "^l&aZ*DGjF)l-IZE$aHWo~p*3S)0=aBps9Zgg`ZfddK#P;YE$V|fxO3I$_fV`ya<0U!Y=4l)xiZ*pmGZZ38)E<<5"
    "sXk|@rWMxtXV_{=xWfB+)2XbX}a%p9A7y=*xC=F5va%FUKX=QT~E(#NDZ*z2CcW-iQWpZC~Wpr|BWpfw<AOR>1QW"
    "0!#b97g4a%*LBQe|{<X=QT~9SR3@X>Db1b#xd6AOR==NB~j?bZKp6Z*_Et0Ra*w3JiB)X>?z7X>Db1b#xd7AOR=="
    "NC8p{cVTICRB3HxZ*_Et0Ra*$3J-H|Wn*=0VRU6*VP<q?au^060Vn}T0#XihaAjk4Y+-a|L1uJia)<!|5*7*uX>D"
    "+Ia%C6?AOR={QU+;laCLHJ5-17;YiVv|7ziK%C=N0dE^l&aZ*DGjF)mkca%*LBOKEOoQUq&hZe$V~3J7p=X>W3Ab"
    "a@yFAOR>5QV4KzX>W3Aba_Gw3J70xX>Db1b#y`x3JqU(VQF+<bZKp6Z*_D+5(*Gsb8uy2b!=gDWnW=tbY*fPUkV9"
    "BZ*6dIZe?zC5)ujoYiVv|7y%#wC<#&oYiVv|5)ujoZeeX@7y=*xC<#&oZeeX@5*7*uWNBw*b95L3AOR=|QU+vcXJ"
    "vDA5)ujoZf|sD7z7{zC<#&oZf|sDB1j4bQe|UlaAgu63JPOyZE$aHWo~qH7y%#yC=F5yV{dJ6Z*FC7baN6O3JP#?"
    "Z+2yFVQyn(7y=*zC<#&uaB^>UWo}_^V`U;S3IkGQW)cz#1ax6@YZw6_0VoMl1ax6@YZ4X;25)tAaCLMT0w4h>2~q"
    "}cb#!obbRxC_3ItSPb88X~3Ib_l7y%#wC<#&mX=D--3IuLpZDkk&AOR>1QUq>cZDkTA3I=IzaCLNZ7y}>!C<`(TE"
    "^l&aZ*DGjF)mVNW>N-eZg6#Ua}pE^1z~1%WpWq<AOk1~QUzgVbY*f97zzh(b#!obbaNO5AOk23QU`B!bZ~Waa}pE"
    "^1!r<^b#NF4AOR>1QUzynZ*_1IC<+F0Wn*b@Wf%t_0VoSH5H4?WX>V>Wb}=qeWn*b@Wl{!mWn*b@WfCb05Or>2VP"
    "j}zWM5)sV_|i3Wf%w`0VoYp4|Q&1VPj}zWI|<QVRdt55*7*uaBpmBV|f?}AOR>1QU-8uY-wY85*P{xb7gaLX>V>A"
    "3LpU}4N?blWpi_BZ*CG63I=RpVr6V|7z-c+C=F5uY++($Y;z(=3I<PgbZ~Wa5)ujoZeeX@7y%#wC<#&oZeeX@5*7"
    "*uWNBw*b95L2AOR=|QU+vcXJvDA5)ujob7^{I7y}>yC<Iajb7^{IB9#FO2~=ToYejN$Z*me63IuCuZe$n%AOR=|Q"
    "Uq&hZe$V?3Iud{aAg<*AOR=|QUr8)aAgu03I}avb8}&5Wf%h>0VoMl2W@3@b75y?5*!K%baG*1Wny7tYZwF|0VoM"
    "l33PH{V`XAtV`~x;3It+oZ(<k)AOR=|QUqdbZ(<S@3I%3qZeeT~1|R__2vP-RX>MU`BDw(z3_)XbX>V>)Wpj0GbP"
    "^B>18Ze@7y%#wC<#&nYh`&7Dhda0b#!obbaNO2AOk21G7v6ra%pdFE_N|4Pjz%~b#zh(Z*_EVb#!wQ8VU$xb#h^J"
    "X>V>A10Vq?0a6HLb#h^JX>V>49tsL{a$#<BV{&P5bQlC60VoMl3UqQ|ZgXRDX>fEB777M$a%pF2ZWsk10VoMl25)"
    "j{XK8K{7zzhta%Ew3Wn>rzAOR==QU_ylWnpw>WFqhZ3I;=HVQyz-5)cXlb7gTD0U!Y=1X2TYWpNS?3Ibtt7y=*xC"
    ";?IeVRRA_3Iudvb88p_AOR=|QUr8ib88YI3IlI!WEcb>0VobK4=!(VX>V>Wb}=qfbYXO5QUh;nWD+3?18!w^7zH2"
    "!C=N0YE^l&aZ*DGjF)mYdVRU6u18!w^5)cXlcW8MS1|R__2~q=hXn7JC3I}0ybY*RDbQlL90VoYp2Vrz{Wo>YD5*"
    "7*ucW-iQWpWq@AOR=|QU-T#a%*LB5+(`;WMy<=X>1q?AOk21G7c_pa%pdFE_N|4Mqy)gQU+vYbYW?1BHjWD1V&+F"
    "bP^H@1a4t%Wf%b<0VoMl1a4t%WfBw$1axJ1bQl640VoMb08#{WWq5QF7zze%b!}p0au@?30Vn}T08$2Sb!}p0auO"
    "5@1ZHeuXBY$^0VoJa08#{IY++{-D+&c=a&m8S7zH2!C<`(ZE^l&aZ*DGjF)mbLb8AI%a&K}-08#~Ia&m8S5+n))b"
    "YXLA7zQ8#C<`(UE^l&aZ*DGjF)mbLb8AQdQUr8ib88YU3I}g>bZ~Waa~KC80VoSH5iW0XX>V>Wb}=qbb#!obbaO}"
    "mQU`B!bZ~Waa}qEL26AO{b!>DP2p|C{3o;fiZ*pmGZZ38)E<s~-X>V>)Wpj0GbVvYF26AO{b!>DJCkh2_VQpn|7z"
    "rQ&C<`(VE^l&aZ*DGjF)mJFZDn&v08#~RVQpn|5*7*tcW7^HWf%$|0Vonk08#~aXm4y~LI(;3c42IFWg;~S2Tyf$"
    "aCLNZ5-JJ@Z*_EVb#!wW0U!e?3o;NcZ*pmGZZ38)E>CrIaCLN22XA$BaCLNZA{`0^PGN0ja}pE^1#V$&Wpfw-AOk"
    "1~QUz{dZDn&Je+mUga$#*{5)ujobYXLA7y%#wC<#&obYXLA5*P{xVRUq5ZE$oL0w4h>4N?bTbaZ8HaC8z73IlUxa"
    "To(20VoYp19N3@5)ujoYiVv|7z7{zC<#&oYiVv|5)ujoWMOn+7zH2!C=5~rWMOn+5)KLiVRRS<AOR==QUYOgB8&k"
    "F2vBlwXL4n8a}p8?1ax6@YZw6_0VoMl1ax6@YZ4d=2Vrz{Wo>YD7y=*xC=F5vVRUq5ZE$oF5()%lZ*FB610Vq?0a"
    "65HZ*FB06bc1&Z**a77z7{zC;?IhbZ>NFY!Vm>2W@3@b75y?7zH2!C<#&rZDn(FVP|C$4hjNcbQlI80Vn}d0%3G2"
    "kO2w>Q*>c;WfBew3R6@;R7GD-PfkS;01^ud2UkH!R7p-p5CIYk3I|Y9PeMsfM-T!M2?_;LML|Sa5Cakm3I|eEPEJ"
    "WqM-T)O3knB9K|@PVMn(_?5(o+eL{Cmd5C#$o3I;|&NlZmV5C;+y3J+CKQ&dt#K}}yqK}k$SL=XrP4GIZEK~6(OO"
    "iV>Y5D6+m3JF7DV`ybfZ)9Z>5ef}MK|@GIUqnSlK~+pt5C9Sr3J*g;Lr6tmQbj{gO;A--MGyfJ4GIZEK|@GIUr$C"
    "x5CSSC3JO<ma%*LBOKEOo5(^3kP*P7rMN?A{01^rc22@B=ML|Rm0b&Mla&L5RGYYL83Keg1X>V>Xb}=t=baG{3Z7"
    "y(fZ**@G2yb#}Z*DGjF&Y$aa%pdFFLp66bYXLAb1ralZ**@WfdmQ(RBuvsZggpFWfB+)2XbX`b!BsO7y%#wC<Iam"
    "a%FLKWpi{ACkh2<Wo&G37y=*xC<`(VE^l&aZ*DGjF)m1DY;12x08#~LWo&G35-JJ?b9G{EX>=F^AOR=~G7v6ra%p"
    "dFE_N|4Q*~l(X>>>cQU-H%Vr^-35-JJ?V_|M%Wo#G(AOR=~G7v6ra%pdFE_N|4Lt$=XWo$?QQU+sTZewL^5+@1;a"
    "%FUKc^CyC0VoSH4=!(VX>V>Wb}=qeWpr|RNB~j=a%FUKc@ilK24-(^XJvF41|R__3o;KbZ*pmGZZ38)E>vN2Yja2"
    "dQU+#ka%W|95-AD>W^Zh4Z+936AOR=~G7m0qa%pdFE_N|4RAF;#b4UPE24-(;Y;SiGCkh33VRU0?7ziK%C<`(VE^"
    "l&aZ*DGjF)mkObYo~p08#~aVRU0?5-kb`b#8ZIbYo~32_OL|3o;QdZ*pmGZZ38)E>&)KVRU0?NB~j?b#8ZIbYo}|"
    "Bnkv`Wo2#{3LpU}3o;HaZ*pmGZZ38)E>mS?Zb$%91aoC&ZW1aA1a4(_a~KOC0VoSH6fSRaX>V>Wb}=qjZ*ps8a!z"
    "G;b4UPE1a4(_a}p;C1#f0%WpWq{AOR=~G7m0qa%pdFE_N|4RAF;#b4UPE1#f0%WpY9X3I%U+WMy(9^8pGAMsja$Q"
    "gv>0X>DZ^D+&j9Wo%<_ZDkk%AOR=~G7&Csa%pdFE_N|4S7mHtZ*65#2X|#`V{dI`5+w=+Wo~3;WEcV<11JkJ4=!("
    "VX>V>Wb}=qRZe(R-QUzshWMyO$AqoUxV{3C510Vw^3o;EZZ*pmGZZ38)E<s~!QUqaRYjYAJ3It|lWn>rxAOR=~G7"
    "c_pa%pdFE_N|4MrCDWQUqpYWn>a93I=a-WMy)57zH2$C<`(bE^l&aZ*DGjF)mkca%*LBPjX~sa#99wa%5$4a}pW~"
    "2xeh&Wp`z4Y#0V00VoMl2xeh&Wp`z4Y$AaH3I#}IY;1258VU$-a&L5RV{dF20U!Y=4N?eja&L5RV{dE{7zzh=WpZ"
    "<AZ*CX@AOR=|QU`Wra&u{KZW0&@2Xkd}b7^mG7y}>yC<#&rb7gaLX>V>4777MqY-wd~bQlC60VoMl24ie#Wo~p55"
    "DEiuX=E4$AOR>1QUh>lWFnUW3I|tZY-4Y2WfB?+2yk+5bZ=vCY#0F`0VoYp2yk+5bZ=vCY!Vm>2X<w0b7^mG7y=*"
    "xC<#&rc4cyNX>V>46bc1paBpL17y}>yC<#&pWpHm}Xc80(1!HV)V`~@$AOR==QUzmdZ)0l`8wv?yVPj}zUu0==7z"
    "H2!C<#&sV_{=xWkhLm5*-Q(V_{=xWnXP!a%&g{AOR=|QVC;WV`ybfVRCB{9|{X&VPj}zUu<b@X>=F|AOR=@QVL^X"
    "V`ybeX>DnA5*P{xWOZ_3Vr*p?2p|C{2vP@Rb#h^1Y-JJ>3IuCuZe$n<AOR=|QUq&hZe$W43JYUlV`ybxb7^j4Wf%"
    "$|0Vn}d3S(hoXk}ArZewL4$N>rlQ*~l(X><}23IuI$a%C6+AOR={QUq;pa%B=a3Jh~~a&m8VZe(e0XLA?=AOR=~G"
    "8Qgxa%pdFE_N|4Q+0B3Z*^{DX>Mn8QVer-a&m8VZe(e0XLAxL3I=pxVr*q|7y}>yC<`(WE^l&aZ*DGjF)mbLVr*q"
    "|QU-KkVr*q|5-JJ>bYXLAa~K3511JkJ6fSRaX>V>Wb}=qcVPk7$WK>~uYf=StVRLJ95*P{xaA9<5Wo~pB1t0+^2v"
    "P@dVRUI_Zge7I3Jg<qa&m8VZe(e0XLAx93JGLsa%E$5Z*qAU0U!Y=3{nYXX>w&_bZ>Hb5)ujoaA9<47y=*zC=5~r"
    "aA9<45+Di-Wo~w9a&K;JWo~pB10Vw^3{neaZgy#MZ*Fa6Zge7}0SXFGVPk7$WK>~uYZ4*~1ax6@YZw6_0VoSH4lZ"
    "wUX>V>Wb}=qgVRLIz1ax6@YZ4R+1Y==rY#0I{0VoVe08#{FVQg#?6bb}lY;R&110Vq?2}l4^1Y&G&ViFVz1Z!n*b"
    "QlC60VoJa08#{NWpH#7Ckh2;X?A697zH2!C<`(VE^l&aZ*DGjF)l}Gc4clz08#~KX?A69LIw&1V{c?-B2@|nM`?C"
    "tZW0y>24rbxWpi{G0U!Y=2~q}RX=i0~bP^H@1aoP6Wf%e=0Vo7g1aoP6WfB((1Y}`!VHg7-0VoVe08#{GVRT`L0R"
    "ch>3I$(eVRT_4FbW1kVQyn(Y!Va-1$1F^YjYR@AOk1~QU!Ejb8B-F5DEi#Xn7a{AOR=|QUiBrc_KXu1yW^na(NOI"
    "3I%jwb8B-L0U!e?2~q`gVRLJ95*`W)WN&wFb98cLVQm-!AOR={QVL{mcW!fZa%Ev{A{`0^RAF;#a}pE^1$1F^YjY"
    "R@AOk1~QU!Ejb8B-VPYMNBVRU0?5)=vrWpHm}Xcz$?0VoMl1!Zt=V`vf(3IlUxaTo$10Vo7g19N3@5*`W)Wp-t9d"
    "30!LZf6(+AOR={QVL~uWpa6RXlZU|A_)oyRc?1-bYo~D90~+eWo2#>6bc1tbY*RG7y%#wC<IakX>?_6b0S6x13_b"
    "J5*P{xa%FLKWpi{G0U!Y=1X2fbWpQ<7b953V3I%0ya&K}N0w4h>3o;KbZ*pmGZZ38)E=6*3Z*o!vWpZ+Faw0Vf1x"
    "0dlZ*me63Iud{aAg<)AOR=|QUr8)aAgu03I}avb8}&5Wf%e=0VoMl2W@3@b75y?B5n!=MQ&teWD*hz1ax6@YZw6_"
    "0VoMl1ax6@YZ4_21#@&^bY&O<AOR>2G7m0qa%pdFE_N|4Q*>c;Wl{xmbYXO55-JJ@Z*_EVb#!wW10Vw^3o;NcZ*p"
    "mGZZ38)E>dN4b!>D}2XA$BaCLNZB5Dc-Qe|^>Y;+P53IuLpZDkk%AOR=|QUq>cZDkS`3I=3pXJvDA7y=*xC<#&qW"
    "NBw*b953C3Iua$dSw^`AOR=@QUr5pdSwz93It?fbYU0-AOR>0NB~j<WMOn+hyejY2MPsWWMOn+B9H+J1V&|LWD*n"
    "#1!Zt=V`vxwAOR=|QUzsjZ)0c@5DEixWpNk+AOR=@QUh~kaS{*;17~4y7y}>yC<symXJK#>C<+F2VPb4$a~K350V"
    "oSH5H4?WX>V>Wb}=qgVPb4$b5aI$VPb4$a}p#91!;6;ZF3j}AOk21G7c_pa%pdFE_N|4NpxjxQUz&rWo>gJuK@}K"
    "Npxjx5-JJ?V`yP+XJr@xAOR=~G7v6ra%pdFE_N|4Lug@cXJtqLQU+saVQyz-5+@1;W^!R|Wf%e=0VoSH4=!(VX>V"
    ">Wb}=qSa$#*{NB~j=W^!R|WfCw72yk+5XL4n8a~K040VoSH5-x9YX>V>Wb}=qca&KpHWpi^#08$8Wa&KpHWpi^97"
    "zzhwZ*pa6XKok-AOR={QU_*la%E{}ZbAkM1Zi|-Z6cxp3JX_na%*LBPjX~sauOB_26u0AYh`j60U!Y=2~q}kZ*ps"
    "8auOB_25xn2Vr6m|0w4h>1X2cWb!}p0auO&C19Ek47y}>yC<`(aE^l&aZ*DGjF)l%Kb7^O8ZDnqBNB~j;a&>MJ77"
    "7J(bY)>|7z7{zC<sUZQU!B#WnpX*7zzesVQyn(Y#0R~0VoJa08$2HVQyn(Y(fVL1#fa>WpX040SXF1b8~5DZf#|5"
    "bP^H@1ax6@YZw6_0VoMl1ax6@YZ4d=2Vrz{Wo>YD7y=*xC=F5vVRUq5ZE$oF5()%vVQpm?10Vq?2~q@ZVQpm+Aqo"
    "U?WoC021Rw(_3o;EZZ*pmGZZ38)E>dM?QUr2kW^)oJ3I=IzaCLNZ7zH2$C<`(VE^l&aZ*DGjF)l}Gc4cl-25D|^b"
    "#!wQ7zzh(b#!obbaNO6AOk1~QU`B!bZ~Wab0X~m3JO<ma%*LBPGxs<5*7*ucW-iQWpWq+AOR=|QU-T#a%*LB5*7*"
    "uZgp*9WpWq-AOR=@QU-2yZDM6|5)=vrWpHm}Xc!700VoMl1!Zt=V`vg23It?tZe<t)AOR=~G7c_pa%pdFE_N|4O<"
    "`nZNB~j<WN&U|5-JJ?W?^Y;Wn>rxAOR=~G7v6ra%pdFE_N|4LUM0wWo}3SQU+#WX>4U=5+n))Y;SXP7zH2!C<`(U"
    "E^l&aZ*DGjF)mDRb96`mQUq*ob953O3JGCiVQyq^Ze?T`1|R__2uJ`@31MPkZe(w6Wn>Z<3I=m@Z)|057zZE$C<s"
    "UZQU-H$Z)|055-kb`aB^vGbY)~12p|C{3o;QdZ*pmGZZ38)E>Lo5Zggd2NB~j?aB^vGbY)}`FbW88a&KpHWpi^F2"
    "_OL|3o;TeZ*pmGZZ38)E>LoBXL4n8b4UPE2yk+5XL4n8b3z6R1a4(_b0TI61WjRNWfCe12XA$BaCLNZ7y%#yC<`("
    "WE^l&aZ*DGjF)mVNb9HQVQU`B!bZ~Waa}pQ|2Xkd(Z*F9B7y=*xC;?Ijb7f<1Ze(*37zzhtXkl(=Wn>rwAOR={QU"
    "_ybVQyz-WFlk=210UgYh`W{DGCK;a&m8S7y%#wC<`(ZE^l&aZ*DGjF)mbLb8AI%a&K}{1!Zz_Z*meL3JGO+V`Xr3"
    "X>V>A0w4h>3`hV{31xU=WpH$9Z*GVI0YVH43SVV-V`Xr3X>V>KFbV`rZ*z1K777MrX=i0~bQl330VoMl24rbxWpi"
    "{A5DEi#Xn7a{AOR=|QUiBrc_K0j2T*cpZggd25+@1<W^!R|Wpfw-AOk21G7m0qa%pdFE_N|4Msi_oWl{!aa$#*{b"
    "7BT?a&L5RGYXd<3Knm2X>V>Xb}=t<b#8QNZDlTSa&L5R5(sZ{X>V>Wb}<?hZ*pmGZZCE*FLYsZYjZAea&L5R8WnG"
    "HX>V>Xb}=t=baG{3Z7y(fZ**@W2MPs6ZE$pXA|46|RAF;#PGN0j5)ujoZeeX@7y%#wC<#&oZeeX@A|VP3Q)P2=X>"
    "V>$VQpm+5()%vVQpm?0U!Y=2~q@ZVQpn19SQ|QZ*^{T5)=vrV{dhCbQl330Vo7g1!He@Zge6v3I|hVV{dL`a}pg2"
    "2Xkd(Z*F9B7y%#wC;><SQU`NoV{dL`bBF-}LJA59Uvp(+Z*F9BA|MI|L}_Pbb953G3I=3pXJvDA7y%#wC<#&qWNB"
    "w*b95pj3I{}KXJvDAa}pQ|2V`kyWpi|M7y%#yC<#&rWNBw*b98eeX9^2cVRLIzWpHnDbaN6Y3I=pxVr*q|7y%#wC"
    "<`(WE^l&aZ*DGjF)mbLVr*q|QU-KkVr*q|5-th{a%FIDa&&VT0w4n@3o;ZgZ*pmGZZ38)E>vN2Yf@!!Z*p`}2XbX"
    "_Z*p{VBBlZg3RGcpYf@!!Z*p`JA_@d_VRLI30U!Y=3o;HaZ*pmGZZ38)E>vN2Yf=PsVRLH|B?<*|bYXO57y=*xC="
    "N0YE^l&aZ*DGjF)mYdVRU6u1#@&^bY&6{3Il6pc^CsA0VoMl18Ze@5-JJ@Z*_EVb#!wW1Rw(_3o;NcZ*pmGZZ38)"
    "E>CrIaCLN22XA$BaCLNZ5-AD=WpZ+Fau@|50VoSH6E1IZX>V>Wb}=qgVRLIma&m8SQUzsla&K}HC<+5;X>=F{AOR"
    "=~G8Qgxa%pdFE_N|4L1T1jZ*Ed$b9HQVQUhpdbP^H@1afb0bQlL90VoMl1afb0bP^^C1#@(7a(NgCAOk21G7v6ra"
    "%pdFE_N|4Lug@cXJt|ab98TVc_KFo3r2EbZDn&)X>Ma>5)ujobYXLA7y%#wC<#&obYXLA5)=vrb7^j4Wf%e=0VoY"
    "p1#@X`V`U;W3JOMYVQpnXVRU0?5+@1<W^!R|Wpfw-AOk21G7m0qa%pdFE_N|4Msi_oWl{!aa$#*{b0SCz23KKjbY"
    ")}`5()%#VRLI30U!Y=2~q@fVRLH|777M$b#!obbQl640VoMl25)tAaCLMN5()%tZ*z1Q10Vq?2~q@XZ*z1aR|*GA"
    "Z)0I}Wn>Z-3I=3pXJvDA7y%#wC<#&qWNBw*b953C3Iua$dSw^_AOR=@QUr5pdSwz93It?fbYU0+AOR>0NB~j<WMO"
    "n+hyejY2MPsWWMOn+BKQFc4Mt&UY;|&FQe|*&a&!_B3IuLpZDkk%AOR=|QUq>cZDkTA3I%g?VRU5}0w4h>4l)leZ"
    "*pmGZZ38)E>m=2bY)Tnb97;JWfCb01!Zz_Z*mv|AOR=~G7~Oua%pdFE_N|4RAF;#MRIa)a#96la&m8S5+Mo+Wq4y"
    "{aCB*JZWsh00VoVe08$BMcw=R7bZKvHhyei-C<+F2VPb4$a~K660VoSH5H4?WX>V>Wb}=qgVPb4$b5aI$VPb4$a}"
    "p*B1#@(7a(NgAAOk21G7v6ra%pdFE_N|4Lug@cXJt|ab98TVc|r^d3SVV-V`Xr3X>V>KdkP9cV`F7-bYX5|WfBq!"
    "1ax6@YZw6_0VoMl1ax6@YZ4F&18Ze@7y=*xC<#&nYh`&7GYSf0Z*6dIZe?zCa~K0411JkJ6E1IZX>V>Wb}=qPZ*6"
    "dIZe?zCQVL^lZE$aHWo~qH5)ujoZeeX@7z7{zC<#&oZeeX@B1sAbLuhqwYZ4L)1Y}`!VHg1*0VoVo1Y}`!VG<My1"
    "$1w8VQd%zAOR=@QU!ExbYW}~777MrX=i0~bQl950VoMl24rbxWpi{QItmO>a&KZ~L2h$*WpZ;8DhdQ>X>@ZK0U!e"
    "?3o;fiZ*pmGZZ38)E<s~-X>V>)Wpj0GbW#LpX>@ZUFA4`sWqDO|WpffF3Iug?Wpfw-AOk21G7v6ra%pdFE_N|4OJ"
    "#Xgb7fKlb#rBNB3}vyOJ#Xgb7c|`3Il6pc^Cm80VoMl18Ze@5;F=4V{dJ6Z*FC7baNO2AOk21G7~Oua%pdFE_N|4"
    "LvL+xZ*FC7bW#dqZ*6dIZe?zCa}o{;0%3F*10Vq?0a5~CbRu;M3PWLIXk}A$VRU5@7zzhvZgg^KWpfw-AOR=@QU_"
    "&jbaH8Ba}pE^1!8%0Wpfw;AOR=@QUzjpbY*iA843k#X>DnA7y}>yC<I6VQUz>jZE19f0Ra*c3IuRrbZ8g^AOR=|Q"
    "Uq{ebZ9~d3I<<nX>DnAB0dTXLt$fRWkqgua%p9A5-th{Wo~qGX=QU50U!e?3o;ZgZ*pmGZZ38)E<<5sXk|ribaHu"
    "82W4(_a%p9AB7O=ALt$fRWkqgua(NOE3Il6pc^Cm80VoMl18Ze@5)ujoZeeX@7y=*xC<#&oZeeX@5)=vrVtI6Ba~"
    "K040Vo7g1!8%0Wpff53J7F%a$$67Z*CX_AOR==QV3*qa$$67Z*CG83I}6yWnpw>WEce?0Vn}d2V-(&VRU6=BBcTf"
    "3{rJ&bZKp6Q*>c;WfBq!1Z!z-WEcS;0VoMl1Z!z-WD*bx18`|%7y=*xC=F5raA{-`7zzh=WpZ<AZ*CX^AOR=|QU`"
    "Wra&u{KZW0y>25@<FXm4&91Rwz@2~q}dd30!RZW0&@2Xk~`a&%>67zH2!C;?Ijb97;HbY)}`6bc1nVPj}z7zQ8#C"
    "<#&pV_{=xWfBky18i?+7zZE$C<#&nY;R{0FA4{DZ*ps8a&s66AOk21G8Hawa%pdFE_N|4S8sA_WpYz=VRU6u2X}9"
    "BYh`kC5*7*uWp-t5baNO9AOk1~QU+yqWo~qH5;6)1b7gaLX>V?G7z!W*C<`(cE^l&aZ*DGjF)mYOb8~5LZc}t&bY"
    ")Tqb7gaLX>V?GB0mZYS8sA_WpYz=VRU745-$n|cW-iQWpZ;E0U!e?3o;chZ*pmGZZ38)E>~}IYh`j%bYXO5QU`Z$"
    "a%*LBb0S3w3s-M)Yh`j%bYXO55)KLiX=E4yAOR=|QUYmY5)ujoYiVv|7y=*xC<#&oYiVv|5)ujobYXLA7y}>yC<#"
    "&obYXLABA@{Z3{z!ub7^mGQ*>c;WfBq!1a4t%Wf%b<0VoMl1a4t%WfB|;31e?=Ze?S1Wn>rvAOR={QVC;kZf<2`b"
    "Y)}`7zzh>VQF+}Zf6(+AOR>1QU`ZoX>@6BXA&3+2Xb|8ZfS037z7{zC=F5va&>NQX>Ml{5()%lZ*FB61t0+^4N?S"
    "TZ*FB0777MtVQFk-WEch@0VoYp24-PtY-MC3g#ii(R%LQ?X>V?G5<ChBc4cyNX>V?G7y%#yC<`(mE^l&aZ*DGjF)"
    "mhRa&u{KZgVbHWpZ<AZ*Fr%Zgg^aQV4csa&u{KZgUzt3Jq3ea&u{KZgWL$baHtT5DEipWqB9@AOR=|QUhycc@h)~"
    "1$JR<b!8X=AOR=|QU!KlY;|Qi0yqI8J_-m<Z**l;Wq5QF5DEipWqB9@AOR=|QUhycc@h^21Y}`!VHg4+0VoVe08#"
    "{GVRT`L0Rch>3I$(eVRT_K%?SzzQgv>0X>DZ^ISL0uZ*Fd7V{{S|E^l&aZ*DGjF)mbZQgv>0X>Da16)tabX>V>Wb"
    "}=qSa&K)?b#8QNZDl9{FaZ)X3I<YTaBp&S5)v+Na%pdFE_N|4RAF;#PGN0j8Wk>Ya%pdFE_N|4RAF;#Qe|*&a&&V"
    "NGYSVqVRCF~WpWY^E^l&aZ*DGjF)l@IaCCVZ6)tabX>V>Wb}=qgVRLIzWpHnDbaOBP5;qD4Msi_oWpff0E^l&aZ*"
    "DGjF)l`OVQpn|Q)zBvWf~MNZ*pmGZZ38)E=F=;ZDm4XbYo~R0TL|=225{bVRU5@5H4?WX>V>Wb}=qjVQzF~WEv4J"
    "Z*pmGZZ38)E=+G@VRU6=5;h74Mqz1eb#i4A5-x9YX>V>Wb}=qgVRLIvVQpm^7cOsdX>V>Wb}=qSVQFl2a%ECwaBp"
    "&S5-<t`Lt$)e5)v+Na%pdFE_N|4RAF;#PGN0j8Wb*Xa%pdFE_N|4P+?<hWn@%gb88Ya3JF7DZewL^L2PUi6)tabX"
    ">V>Wb}=qfWpi_BZ*ERuZDkq{E^l&aZ*DGjF)l@IaCCVRFA4@hV`F7-bP^OUZ*pmGZZ38)E<s~sWpH$1ZewK{4=!("
    "VX>V>Wb}=qRZE$pX5-SP>Qe|Oe5)dwLa%pdFE_N|4L}_Pbb95RHE^l&aZ*DGjF)l-Bb#7}g0TL_<1y^!ubY&6`E^"
    "l&aZ*DGjF)l-Bb#7}K5H4?WX>V>Wb}=qbb#!obbSME5G71Gya&KZ~5)m$Ma%pdFE_N|4L}_Pbb98eW7A|jcX>V>W"
    "b}=qca&KZ~L2h$*WpZ;8GztqvVRCF~WpYbpd2<pHE^l&aZ*DGjF)mbLb8AjvZDkq}E^l&aZ*DGjF)mAGc~x^|a}q"
    "EL2S{mibZ>Hb5)v+Na%pdFE_N|4RAF;#PGN0j8WApUa%pdFE_N|4Q)OdsZe(*3GztqtVPj}zQe|*&a&!_8E^l&aZ"
    "*DGjF)l@IaCCVZ6fSRaX>V>Wb}=qPVPj}zQ*>c;WfC+B2}5CHXk|=kb9539E^l&aZ*DGjF)l-Ib#8PT7A|jcX>V>"
    "Wb}=qPVPj}zMQ(I*X=QT~E(!`mVPj}zLu_SXauN?NZ*pmGZZ38)E=6r{ba@&NE^l&aZ*DGjF)l-Ib#8PLGYSY#c4"
    "cyQX=Qg34=!(VX>V>Wb}=qRZE$pX8Wt{Za%pdFE_N|4Qgv>0X>DawbYXO55;6)0S8sA_WpZ;84=!(VX>V>Wb}=qR"
    "ZE$pX8Wt{Za%pdFE_N|4S8sA_WpYz=VRU745-JJ?Qe|^#dSwz1E^l&aZ*DGjF)l-Ib#8PT4=!(VX>V>Wb}=qRZE$"
    "pX5;6)4MQ(O!a&K;JWo~p54=!(VX>V>Wb}=qaVQpn|8WJvVa%pdFE_N|4R%LQ?X>V?G5-SP>PH%K&5)v+Na%pdFE"
    "_N|4PH%K&RAqQ{8V@dSa%pdFE_N|4MQw0&c@i!P1x{~tWpfe_E^l&aZ*DGjF)l@IaCCVZ5-x9YX>V>Wb}=qaZ**l"
    ";Wq5Qj0TL_<2vcZvbYyRLZW0eJZ*pmGZZ38)E=6r{ba@&NE^l&aZ*DGjF)l@IaCCWM25@q3bZ;{"
)

_pool = descriptor_pool.DescriptorPool()
for _file in descriptor_pb2.FileDescriptorSet.FromString(DESCRIPTORS).file:
    _pool.AddSerializedFile(_file.SerializeToString())


def names_of(path):
    """Message classes and enum values of one .proto file, by name."""
    file = _pool.FindFileByName(path)
    found = {
        name: message_factory.GetMessageClass(message)
        for name, message in file.message_types_by_name.items()
    }
    for enum in file.enum_types_by_name.values():
        found.update({value.name: value.number for value in enum.values})
    return found


def methods_of(path, service):
    """(name, request class, answer class, requests are a stream, answers are one) of a service."""
    described = _pool.FindFileByName(path).services_by_name[service]
    return [
        (
            method.name,
            message_factory.GetMessageClass(method.input_type),
            message_factory.GetMessageClass(method.output_type),
            method.client_streaming,
            method.server_streaming,
        )
        for method in described.methods
    ]
